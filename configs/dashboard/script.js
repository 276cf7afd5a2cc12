"use strict";
/* All is on the page already: this filters and sorts, searches consoles, copies, and tells ages. */

function age(utc) {
	const seconds = Math.max(0, (Date.now() - Date.parse(utc)) / 1000);
	for (const [name, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
		const n = Math.floor(seconds / size);
		if (n >= 1)
			return `${n} ${name}${n > 1 ? "s" : ""} ago`;
	}
	return "just now";
}

for (const box of document.querySelectorAll("[data-age]"))
	box.textContent = `, ${age(box.previousElementSibling.dateTime)}`;

function select(element) {
	const range = document.createRange();
	range.selectNodeContents(element);
	getSelection().removeAllRanges();
	getSelection().addRange(range);
}

for (const button of document.querySelectorAll("[data-copy]")) {
	const text = document.getElementById(button.dataset.copy);
	button.hidden = false;
	button.addEventListener("click", async () => {
		try {
			await navigator.clipboard.writeText(text.textContent);
			button.textContent = "Copied";
		} catch {
			select(text);
			button.textContent = "Selected: copy it";
		}
	});
}

/* A link to the evidence opens what is folded around it. */
function reveal() {
	const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
	const fold = target && target.closest("details");
	if (fold && !fold.open) {
		fold.open = true;
		target.scrollIntoView({ block: "center" });
	}
}
addEventListener("hashchange", reveal);
reveal();

for (const box of document.querySelectorAll("div.search")) {
	const lines = box.nextElementSibling.querySelectorAll("[data-n]");
	const [input, button, output] = ["input", "button", "output"].map(name => box.querySelector(name));
	let hits = [], at = -1;

	const find = () => {
		const wanted = input.value.toLowerCase();
		hits = [];
		at = -1;
		for (const line of lines) {
			const hit = wanted !== "" && line.textContent.toLowerCase().includes(wanted);
			line.classList.toggle("hit", hit);
			line.classList.remove("here");
			if (hit)
				hits.push(line);
		}
		output.textContent = wanted ? `${hits.length} lines` : "";
	};
	const next = () => {
		if (!hits.length)
			return;
		if (at >= 0)
			hits[at].classList.remove("here");
		at = (at + 1) % hits.length;
		hits[at].classList.add("here");
		hits[at].scrollIntoView({ block: "center" });
		output.textContent = `${at + 1} of ${hits.length} lines`;
	};
	box.hidden = false;
	input.addEventListener("input", find);
	input.addEventListener("keydown", event => event.key === "Enter" && next());
	button.addEventListener("click", next);
}

/* The index: what is shown is the hash of its address, so that a view can be sent. */
function filter(form, data) {
	const names = ["arch", "page", "kernel", "scenario", "verdict"];
	const sorts = {
		rows: { "": "scenario", worst: "worst first", environment: "environment" },
		columns: { "": "name", arch: "architecture", page: "page size", kernel: "kernel" },
	};
	const fields = form.elements;
	const natural = new Intl.Collator("en", { numeric: true }).compare;
	const tables = [...document.querySelectorAll("table[data-matrix]")].map(table => {
		const matrix = data.matrices[table.dataset.matrix];
		const at = new Map(matrix.cells.map(cell => [`${cell.row} ${cell.column}`, cell]));
		return { table, matrix, at, rows: [...table.tBodies[0].rows] };
	});
	const campaigns = [...document.querySelectorAll("tr[data-campaign]")].map(row =>
		({ row, campaign: data.campaigns[row.dataset.campaign] }));

	const offer = (name, values) => {
		const list = [...new Set(values)].filter(value => value && value !== "?").sort(natural);
		fields[name].append(new Option("all", ""), ...list.map(value => new Option(value, value)));
	};
	const columns = data.matrices.flatMap(matrix => matrix.columns);
	offer("arch", [...columns.map(c => c.arch), ...data.campaigns.flatMap(c => c.arches)]);
	offer("page", [...columns.map(c => c.page), ...data.campaigns.flatMap(c => c.pages)]);
	offer("kernel", [...columns.map(c => c.kernel), ...data.campaigns.flatMap(c => c.kernels)]);
	offer("scenario", data.campaigns.flatMap(c => c.scenarios));
	offer("verdict", [...data.matrices.flatMap(m => m.cells.map(c => c.state)),
		...data.campaigns.flatMap(c => Object.keys(c.verdicts).filter(v => c.verdicts[v]))]);
	for (const [name, options] of Object.entries(sorts))
		fields[name].append(...Object.entries(options).map(([value, text]) => new Option(text, value)));

	const is = (wanted, value) => !wanted || wanted === value;

	const show = (entry, view) => {
		const { table, matrix, at, rows } = entry;
		const column = matrix.columns.map(c => is(view.arch, c.arch) && is(view.page, c.page) && is(view.kernel, c.kernel));
		const row = matrix.rows.map(r => is(view.scenario, r.scenario));
		const hit = (r, c) => at.has(`${r} ${c}`) && row[r] && column[c] && is(view.verdict, at.get(`${r} ${c}`).state);
		const columnHit = column.map((_, c) => matrix.rows.some((_, r) => hit(r, c)));
		const rowHit = row.map((_, r) => matrix.columns.some((_, c) => hit(r, c)));
		let n = 0;

		for (const element of table.querySelectorAll("[data-column]"))
			element.hidden = !columnHit[element.dataset.column];
		for (const line of rows) {
			const r = Number(line.dataset.row);
			line.hidden = !rowHit[r];
			for (const element of line.querySelectorAll("[data-column]")) {
				const shown = hit(r, Number(element.dataset.column));
				element.classList.toggle("dim", !shown);
				n += shown;
			}
		}
		return n;
	};

	const rate = (entry, r) => Math.max(0, ...entry.matrix.columns.map((_, c) => {
		const cell = entry.at.get(`${r} ${c}`);
		return cell && cell.trials ? cell.failures / cell.trials : 0;
	}));
	const sort = (entry, view) => {
		const { table, matrix, rows } = entry;
		const order = line => Number(line.dataset.row);
		const by = {
			worst: (a, b) => rate(entry, order(b)) - rate(entry, order(a)),
			environment: (a, b) => natural(matrix.rows[order(a)].environment, matrix.rows[order(b)].environment),
		}[view.rows] || ((a, b) => natural(matrix.rows[order(a)].scenario, matrix.rows[order(b)].scenario));
		const key = c => matrix.columns[c.dataset.column][view.columns || "candidate"];

		rows.sort((a, b) => by(a, b) || order(a) - order(b));
		table.tBodies[0].append(...rows);
		for (const line of table.rows)
			line.append(...[...line.querySelectorAll("[data-column]")].sort((a, b) =>
				natural(key(a), key(b)) || a.dataset.column - b.dataset.column));
	};

	const apply = view => {
		let cells = 0, all = 0;
		for (const entry of tables) {
			sort(entry, view);
			cells += show(entry, view);
			all += entry.matrix.cells.length;
		}
		let n = 0;
		for (const { row, campaign } of campaigns) {
			const has = (list, value) => !value || list.includes(value);
			const shown = has(campaign.arches, view.arch) && has(campaign.pages, view.page) &&
				has(campaign.kernels, view.kernel) && has(campaign.scenarios, view.scenario) &&
				(!view.verdict || campaign.verdicts[view.verdict] > 0 || campaign.answer === view.verdict);
			row.hidden = !shown;
			n += shown;
		}
		form.querySelector("output").textContent = `${cells} of ${all} cells, ${n} of ${campaigns.length} campaigns`;
	};

	const all = [...names, ...Object.keys(sorts)];
	const read = () => {
		const view = {}, hash = new URLSearchParams(location.hash.slice(1));
		for (const name of all) {
			fields[name].value = hash.get(name) || "";
			if (fields[name].selectedIndex < 0) /* nothing has that: show nothing, not all */
				fields[name].add(new Option(hash.get(name), hash.get(name), false, true));
			view[name] = fields[name].value;
		}
		apply(view);
	};
	const write = () => {
		const hash = new URLSearchParams();
		for (const name of all)
			if (fields[name].value)
				hash.set(name, fields[name].value);
		location.hash = hash.toString();
	};
	form.addEventListener("change", write);
	form.addEventListener("reset", () => { location.hash = ""; });
	form.addEventListener("submit", event => event.preventDefault());
	addEventListener("hashchange", read);
	form.hidden = false;
	read();
}

if (document.getElementById("data"))
	filter(document.getElementById("filter"), JSON.parse(document.getElementById("data").textContent));
