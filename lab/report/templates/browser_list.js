// ---- List: one row a question, with a mark per method.

const ROWS = 25;
const list = document.getElementById("browser-list");
const pager = document.getElementById("browser-pager");
let shown = []; // numbers of the questions that the filter leaves

// Text from documents and models enters the page through textContent alone, never as markup.
const make = (tag, kind, ...content) => {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...content.map((one) => (typeof one === "string" ? document.createTextNode(one) : one)));
  return element;
};
const aside = (text) => make("span", "browser-hidden", text); // for those who listen
const foreign = (tag, kind, text) => {
  const element = make(tag, kind, text);
  element.dir = "auto"; // and what turns the direction of writing turns it here only
  return element;
};
const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

const VERDICTS = { right: "✓", wrong: "✗", mixed: "", none: "–" };

const verdictOf = (method, i) => {
  const share = store.share[method][i];
  if (Number.isNaN(share)) return { kind: "none", says: "no answer" };
  if (share === 1) return { kind: "right", says: "right" };
  if (share === 0) return { kind: "wrong", says: "wrong" };
  const runs = store.runsOf[method].filter((run) => store.verdict[run][i] !== ABSENT);
  const good = runs.filter((run) => store.verdict[run][i] > 0).length;
  return { kind: "mixed", glyph: `${good}/${runs.length}`, says: `${good} of ${runs.length} runs right` };
};

const mark = (verdict) => {
  const glyph = make("span", "", verdict.glyph || VERDICTS[verdict.kind]);
  glyph.setAttribute("aria-hidden", "true");
  return make("span", `browser-mark is-${verdict.kind}`, glyph, aside(verdict.says));
};

const headRow = () => {
  const cells = store.methods.map(([, label]) => make("th", "browser-turned", make("span", "", label)));
  const row = make("tr", "", make("th", "", "Question"), ...cells);
  for (const cell of row.cells) cell.scope = "col";
  return row;
};

const row = (i) => {
  const link = foreign("a", "", store.text[i].trim() || "(no text)");
  link.href = address(store.id[i]);
  const about = make("span", "browser-about", make("bdi", "", store.id[i]), ` · ${store.kinds[store.kind[i]]}`);
  if (store.maker.has(i)) about.append(" · synthetic");
  const head = make("th", "", link, about);
  head.scope = "row";
  const sorted = state.want.sort || "";
  const cells = store.methods.map(([name, label], method) => {
    const cell = make("td", "", make("span", "browser-who", label), mark(verdictOf(method, i)));
    const score = store.score[method][i];
    if (sorted === `m.${name}`) cell.append(make("span", "browser-score", Number.isNaN(score) ? "–" : score.toFixed(3)));
    return cell;
  });
  const line = make("tr", "", head, ...cells);
  line.dataset.question = i;
  return line;
};

const pageCount = () => Math.max(1, Math.ceil(shown.length / ROWS));

const summary = () => {
  const active = FILTERS.filter((name) => state.want[name]).length;
  const inside = active - (state.want.text ? 1 : 0);
  document.getElementById("browser-active").textContent = inside ? `(${inside})` : "";
  document.getElementById("browser-clear").hidden = !active;
  const all = many(store.questions, "question");
  return active ? `${shown.length.toLocaleString("en")} of ${all}` : all;
};

const showList = () => {
  shown = select(state.want);
  state.page = Math.min(state.page, pageCount() - 1);
  document.getElementById("browser-count").textContent = summary();
  drawPage();
};

const drawPage = () => {
  const rows = shown.slice(state.page * ROWS, (state.page + 1) * ROWS).map(row);
  if (rows.length) {
    const table = make("table", "", make("caption", "browser-hidden", "Questions, and which methods were right"), make("thead", "", headRow()), make("tbody", "", ...rows));
    list.replaceChildren(table);
  } else {
    list.replaceChildren(make("p", "browser-empty", "No question fits. Take a filter away, or search for less."));
  }
  pager.hidden = state.open !== null || pageCount() === 1;
  document.getElementById("browser-page").textContent = `Page ${(state.page + 1).toLocaleString("en")} of ${pageCount().toLocaleString("en")}`;
  // aria-disabled and not disabled: a disabled button would lose the focus of who pressed it last
  pager.querySelector("[data-turn='-1']").setAttribute("aria-disabled", state.page === 0);
  pager.querySelector("[data-turn='1']").setAttribute("aria-disabled", state.page === pageCount() - 1);
};

const turnTo = (number) => {
  if (number < 0 || number >= pageCount()) return false;
  state.page = number;
  drawPage();
  history.replaceState(null, "", address(null));
  return true;
};

