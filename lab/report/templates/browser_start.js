// ---- Start: what happens when, and what the address says.

const ELSEWHERE = "The file answers.jsonl beside this page holds the same rows.";
const DAMAGED = `The answers in this page are damaged; render the report again. ${ELSEWHERE}`;
const section = root.closest("section") || root;

const open = async (i) => {
  state.open = i;
  try {
    if (!(await showQuestion(i))) return;
  } catch {
    if (state.open === i) close();
    return say(DAMAGED);
  }
  form.hidden = list.hidden = pager.hidden = true;
  article.hidden = false;
  section.scrollIntoView();
  document.getElementById("browser-title").focus({ preventScroll: true });
};

// Back to the list, on the page and the row of the question that was open.
const close = () => {
  const was = state.open;
  opening += 1;
  state.open = null;
  article.hidden = true;
  article.replaceChildren();
  form.hidden = list.hidden = false;
  const at = shown.indexOf(was);
  if (at !== -1) state.page = Math.floor(at / ROWS);
  showList();
  history.replaceState(null, "", address(null));
  const link = at === -1 ? null : links()[at % ROWS];
  (link || form.elements.text).focus();
};

const unfold = () => {
  const more = document.getElementById("browser-more");
  if (root.clientWidth >= 720 || FILTERS.some((name) => name !== "text" && state.want[name])) more.open = true;
};

const say = (text) => {
  const failure = document.getElementById("browser-failure");
  failure.textContent = text;
  failure.hidden = !text;
};

// The address is the truth where it has an =; #limits and the like are other sections' business.
const follow = () => {
  const words = new URLSearchParams(location.hash.slice(1));
  if (!location.hash.includes("=")) {
    if (state.open !== null && ["", "#answers"].includes(location.hash)) close();
    return;
  }
  const asked = words.get("q");
  const next = store.place.get(asked) ?? null;
  say(asked === null || next !== null ? "" : `No question here has the id ${asked}.`);
  fillForm(words);
  state.page = Math.max(0, (parseInt(words.get("page"), 10) || 1) - 1);
  unfold();
  if (next === null && state.open !== null) return close();
  if (next !== null) {
    shown = select(state.want);
    return open(next);
  }
  showList();
  section.scrollIntoView();
};

const onInput = () => {
  readForm();
  state.page = 0;
  say("");
  showList();
  history.replaceState(null, "", address(null));
};

const suggest = () => {
  const part = folded(form.elements.doc.value);
  const fitting = [];
  for (const name of store.clusters) {
    if (name && folded(name).includes(part)) fitting.push(new Option("", name));
    if (fitting.length === 20) break;
  }
  document.getElementById("browser-documents").replaceChildren(...fitting);
};

const listen = () => {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", onInput);
  if (form.elements.doc) for (const name of ["focus", "input"]) form.elements.doc.addEventListener(name, suggest);
  document.getElementById("browser-clear").addEventListener("click", () => {
    fillForm(new URLSearchParams(state.want.sort ? { sort: state.want.sort } : {}));
    onInput();
    form.elements.text.focus();
  });
  document.getElementById("browser-help").addEventListener("click", () => help.showModal());
  pager.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && turnTo(state.page + Number(button.dataset.turn))) {
      section.scrollIntoView();
      document.getElementById("browser-said").textContent = document.getElementById("browser-page").textContent;
    }
  });
  list.addEventListener("click", (event) => {
    const line = event.target.closest("tbody tr");
    if (line && !event.target.closest("a") && !String(getSelection())) line.querySelector("a").click();
  });
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", follow);
};

const start = async () => {
  if (!("DecompressionStream" in window)) {
    return say(`This web browser cannot unpack the answers; those from 2023 on can. ${ELSEWHERE}`);
  }
  try {
    await load();
  } catch {
    return say(DAMAGED);
  }
  form.hidden = list.hidden = false;
  readForm();
  unfold();
  listen();
  showList();
  follow();
  root.dataset.ready = "1";
  if (shown.length) details(shown[0]).catch(() => {}); // the first question to be opened opens as fast as the next
};

// Room for the list, so that links to sections near the end of the page lead there at once.
root.style.minHeight = "100vh";
// After the first paint: who opens the report reads the finding first.
requestAnimationFrame(() => setTimeout(() => start().finally(() => (root.style.minHeight = ""))));
