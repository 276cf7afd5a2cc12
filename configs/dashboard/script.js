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
		const matrix = data.matrices[table.dataset.matrix], lines = [...table.tBodies[0].rows];
		return { table, matrix, lines, sheet: new CSSStyleSheet() };
	});
	document.adoptedStyleSheets = tables.map(entry => entry.sheet);
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

	/* Columns and cells go by a rule, not one by one: a large table has ten thousands of them. */
	const rules = (table, gone, verdict) => {
		const all = `table[data-matrix="${table.dataset.matrix}"]`;
		const columns = gone.map(c => `[data-column="${c}"]`).join();
		return (columns && `${all} :is(${columns}) { display: none; }\n`) +
			(verdict && `${all} td[data-column]:not([class="${CSS.escape(verdict)}"]) { opacity: .35; }`);
	};
	const show = (entry, view) => {
		const { table, matrix, lines, sheet } = entry;
		const column = matrix.columns.map(c => is(view.arch, c.arch) && is(view.page, c.page) && is(view.kernel, c.kernel));
		const row = matrix.rows.map(r => is(view.scenario, r.scenario));
		const columnHit = new Set(), rowHit = new Set();
		let n = 0;

		for (const cell of matrix.cells)
			if (row[cell.row] && column[cell.column] && is(view.verdict, cell.state)) {
				columnHit.add(cell.column);
				rowHit.add(cell.row);
				n++;
			}
		for (const line of lines)
			line.hidden = !rowHit.has(Number(line.dataset.row));
		sheet.replaceSync(rules(table, [...column.keys()].filter(c => !columnHit.has(c)), view.verdict));
		return n;
	};

	/* Of each row its worst cell. */
	const worst = matrix => {
		const rates = matrix.rows.map(() => 0);
		for (const cell of matrix.cells)
			if (cell.trials)
				rates[cell.row] = Math.max(rates[cell.row], cell.failures / cell.trials);
		return rates;
	};
	const sortRows = (entry, wanted) => {
		const { table, matrix, lines } = entry;
		const order = line => Number(line.dataset.row);
		const rates = wanted === "worst" && worst(matrix);
		const by = {
			worst: (a, b) => rates[b] - rates[a],
			environment: (a, b) => natural(matrix.rows[a].environment, matrix.rows[b].environment),
		}[wanted] || ((a, b) => natural(matrix.rows[a].scenario, matrix.rows[b].scenario));

		lines.sort((a, b) => by(order(a), order(b)) || order(a) - order(b));
		table.tBodies[0].append(...lines);
	};
	const sortColumns = (entry, wanted) => {
		const { table, matrix } = entry;
		const columns = matrix.columns.map((_, c) => c), place = [];
		const key = c => matrix.columns[c][wanted || "candidate"];

		columns.sort((a, b) => natural(key(a), key(b)) || a - b).forEach((c, i) => { place[c] = i; });
		for (const line of table.rows)
			line.append(...[...line.querySelectorAll("[data-column]")].sort((a, b) =>
				place[a.dataset.column] - place[b.dataset.column]));
	};
	const sort = (entry, view) => {
		if (entry.rowsBy !== view.rows)
			sortRows(entry, entry.rowsBy = view.rows);
		if (entry.columnsBy !== view.columns)
			sortColumns(entry, entry.columnsBy = view.columns);
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
