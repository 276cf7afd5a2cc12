"""What must hold of the pages of any dashboard, in a browser: a line for each check, as lib.sh prints them."""
import glob, json, os

SIZES = {"desktop": 1280, "phone": 390}
CAMPAIGNS = ("run", "matrix", "bisect", "factors")
# Trials are told by what is on their pages.
TRIALS = {"trial": "<pre", "evidence": ' id="evidence"', "hostile": "\\u202e evil"}
AXE = """axe.run(document, { resultTypes: ["violations"] }).then(r => r.violations.map(v =>
	`${v.id} (${v.impact}): ${v.nodes.length} times, first ${v.nodes[0].html.slice(0, 200)}`))"""
# What has the focus, and whether that can be seen.
FOCUS = """(() => { const e = document.activeElement, s = getComputedStyle(e);
	return [e.tagName.toLowerCase() + (e.name ? " " + e.name : "") + (e.className ? "." + e.className.split(" ")[0] : ""),
		s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0] })()"""
# Sets a field of the filter, and waits until the address has it.
CHOOSE = """(name, value) => new Promise(done => { const field = document.getElementById("filter").elements[name];
	addEventListener("hashchange", done, { once: true }); field.value = value;
	field.dispatchEvent(new Event("change", { bubbles: true })) })"""
# What the filter says that it shows, and what can be seen.
SHOWN = """(() => { const seen = rows => [...document.querySelectorAll(rows)].filter(r => r.checkVisibility()).length;
	return [document.querySelector("#filter output").textContent, seen("table.matrix tbody tr"), seen("tr[data-campaign]")] })()"""


def check(name, wanted, got):
    print(f"{'ok' if wanted == got else 'not ok'} - {name}", flush=True)
    if wanted != got:
        print(f"#   wanted {wanted!r}\n#   got    {got!r}", flush=True)


class Dump:
    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        with open(os.path.join(folder, "data.json"), encoding="utf-8") as file:
            self.data = json.load(file)

    def page(self, path):
        """Its address, None when there is none."""
        path = os.path.join(self.folder, path)
        return "file://" + path if os.path.exists(path) else None

    def newest(self, kind):
        names = [campaign["name"] for campaign in self.data["campaigns"] if campaign["kind"] == kind]
        return self.page(f"campaign/{names[0]}.html") if names else None

    def longest_trial(self, text):
        pages = []
        for path in glob.glob(os.path.join(self.folder, "trial/*/*.html")):
            with open(path, encoding="utf-8") as file:
                if text in file.read():
                    pages.append(path)
        return "file://" + max(pages, key=lambda path: (os.path.getsize(path), path)) if pages else None

    def view(self, kind):
        """The address of a page of that kind, None when there is none."""
        if kind == "index":
            return self.page("index.html")
        return self.newest(kind) if kind in CAMPAIGNS else self.longest_trial(TRIALS[kind])

    def filtered(self, name, value):
        """What SHOWN must be when the field has that value."""
        def campaign_has(campaign):
            if name == "verdict":
                return campaign["verdicts"].get(value, 0) > 0 or campaign["answer"] == value
            return value in campaign[{"arch": "arches", "page": "pages", "kernel": "kernels", "scenario": "scenarios"}[name]]

        def cell_has(matrix, cell):
            if name == "verdict":
                return cell["state"] == value
            if name == "scenario":
                return matrix["rows"][cell["row"]]["scenario"] == value
            return matrix["columns"][cell["column"]][name] == value

        cells = [(m, cell) for m, matrix in enumerate(self.data["matrices"]) for cell in matrix["cells"]]
        hits = [(m, cell) for m, cell in cells if cell_has(self.data["matrices"][m], cell)]
        campaigns = [campaign for campaign in self.data["campaigns"] if campaign_has(campaign)]
        return [f"{len(hits)} of {len(cells)} cells, {len(campaigns)} of {len(self.data['campaigns'])} campaigns",
                len({(m, cell["row"]) for m, cell in hits}), len(campaigns)]


def check_view(browser, kind, url, axe):
    for size, width in SIZES.items():
        for scheme in ("light", "dark"):
            name = f"{kind}, {size}, {scheme}"
            page = browser.open(url, width=width, scheme=scheme)
            page.eval("document.querySelectorAll('details').forEach((d, i) => { d.open = i < 5 })")
            wide = page.eval("document.documentElement.scrollWidth - innerWidth")
            check(f"{name}: no wider than the screen", 0, max(0, wide))
            if axe:
                page.eval(axe)
                check(f"{name}: axe finds nothing", [], page.eval(AXE))
            check(f"{name}: no error, and no request but for the page", ([], [url]), (page.faults, page.requests))
            page.close()


def check_filter(browser, dump):
    page = browser.open(dump.view("index"))
    before = page.eval(SHOWN)
    for name in ("arch", "page", "kernel", "scenario", "verdict"):
        values = page.eval(f"[...document.getElementById('filter').elements['{name}'].options].map(o => o.value).filter(v => v)")
        check(f"filter: something to choose for {name}", True, len(values) > 0)
        for value in values:
            page.eval(f"({CHOOSE})({json.dumps(name)}, {json.dumps(value)})")
            check(f"filter: {name} {value}", dump.filtered(name, value), page.eval(SHOWN))
        page.eval(f"({CHOOSE})({json.dumps(name)}, '')")
    check("filter: all again", before, page.eval(SHOWN))
    check("filter: no error", [], page.faults)
    page.close()


def check_keyboard(browser, dump):
    index = dump.view("index")
    page = browser.open(index)
    path = []
    page.press("Tab")
    check("keyboard: first the way to the content", "a.jump", page.eval(FOCUS)[0])
    page.press("Enter")
    check("keyboard: which leads there", "#main", page.eval("location.hash"))
    page.go(index + "#")
    for _ in range(40):
        page.press("Tab")
        path.append(page.eval(FOCUS))
    names = [name for name, _ in path]
    fields = ["arch", "page", "kernel", "scenario", "verdict", "rows", "columns"]
    begin = names.index("select arch") if "select arch" in names else 0
    check("keyboard: the filter, field by field", [f"select {field}" for field in fields] + ["button"], names[begin:begin + 8])
    check("keyboard: then the table, to be scrolled", True, "div.scroll" in names[begin:])
    check("keyboard: the focus is always to be seen", [], [name for name, seen in path if not seen and name != "body"])
    page.go(index + "#")
    page.eval("document.forms.filter.elements.verdict.focus()")
    page.press("ArrowDown")
    check("keyboard: a field changes what is shown", True, page.eval("location.hash").startswith("#verdict="))
    page.eval("document.querySelector('table.matrix td.bad a').focus()")
    page.leave(lambda: page.press("Enter"))
    check("keyboard: a cell leads to its trials", (dump.view("matrix"), True),
          (page.eval("location.href.split('#')[0]"), page.eval("!!document.querySelector('tbody:target td')")))
    check("keyboard: no error on the way", [], page.faults)
    page.close()


def check_console(browser, url):
    page = browser.open(url + "#evidence", height=700)
    check("console: a link to the evidence opens it", True, page.eval("document.querySelector('#evidence').closest('details').open"))
    box = "(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector('%s').getBoundingClientRect())"
    check("console: and shows it", True, page.eval(box % "#evidence"))
    words = page.eval("document.querySelector('#evidence').textContent.replace(/^.*?\\] /, '').slice(0, 40).trim()")
    hits = page.eval("[...document.querySelector('div.search').nextElementSibling.querySelectorAll('[data-n]')]"
                     f".filter(line => line.textContent.toLowerCase().includes({json.dumps(words.lower())})).length")
    page.eval("document.querySelector('div.search input').focus()")
    page.type(words)
    page.press("Enter")
    check(f"console: the search finds '{words}'", f"1 of {hits} lines", page.eval("document.querySelector('div.search output').textContent"))
    check("console: and goes there", True, page.eval(box % ".here"))
    check("console: no error", [], page.faults)
    page.close()


def check_hostile(browser, url):
    page = browser.open(url)
    page.eval("document.querySelectorAll('details').forEach(d => { d.open = true })")
    text = page.eval("document.querySelector('pre.console').innerText")
    check("hostile: nothing of it is an element", 0, page.eval("document.querySelectorAll('img, b, i, main script').length"))
    check("hostile: what it wrote can be read", True, "<script>alert(1)" in text and "\\x1b[31mred" in text and "\\u202e evil" in text)
    check("hostile: nothing turns the text", [],
          page.eval("[...document.documentElement.innerText].filter(c => /[\\u202a-\\u202e\\u2066-\\u2069\\u200e\\u200f\\u2028\\u2029\\x1b\\0]/.test(c))"))
    check("hostile: no error, no request", ([], [url]), (page.faults, page.requests))
    page.close()
