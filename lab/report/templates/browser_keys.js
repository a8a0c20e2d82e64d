// ---- Keys: j and k, Enter, /, Esc and ?.

const help = document.getElementById("browser-keys");
const keysOn = document.getElementById("browser-keys-on");
const root = document.getElementById("browser");

const inView = () => {
  const box = root.getBoundingClientRect();
  return box.top < innerHeight && box.bottom > 0;
};

// Single keys are for the answers alone: not for fields, and not where the reader is elsewhere on the page.
const isFree = (event) => {
  const target = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || help.open || !keysOn.checked) return false;
  if (target.closest("input, select, textarea, [contenteditable]")) return false;
  return root.contains(target) || (target === document.body && inView());
};

const links = () => [...list.querySelectorAll("tbody a")];

const stepInList = (by) => {
  const all = links();
  const at = all.indexOf(document.activeElement);
  if (at === -1) return all[0] && all[0].focus();
  if (all[at + by]) return all[at + by].focus();
  if (turnTo(state.page + by)) links().at(by > 0 ? 0 : -1).focus();
};

const stepInQuestion = (by) => {
  const next = shown[shown.indexOf(state.open) + by];
  if (!shown.includes(state.open) || next === undefined) return;
  history.replaceState(null, "", address(store.id[next])); // so that going back leads to the list
  open(next);
};

const toSearch = () => {
  if (state.open !== null) close();
  form.elements.text.focus();
  form.elements.text.select();
};

const backToList = () => {
  history.pushState(null, "", address(null));
  close();
};

const ACTIONS = {
  j: () => (state.open === null ? stepInList(1) : stepInQuestion(1)),
  k: () => (state.open === null ? stepInList(-1) : stepInQuestion(-1)),
  "/": toSearch,
  "?": () => help.showModal(),
};

const onKey = (event) => {
  const here = event.target === document.body || (root.contains(event.target) && !event.target.closest("select"));
  if (event.key === "Escape" && here && !help.open && state.open !== null) {
    event.preventDefault();
    return backToList();
  }
  if (!ACTIONS[event.key] || !isFree(event)) return;
  event.preventDefault();
  ACTIONS[event.key]();
};

