// ---- Form: what can be asked of whom.

const run = JSON.parse(document.getElementById("run").textContent);
const methods = new Map(run.methods.map((method) => [method.name, method]));
const byId = (id) => document.getElementById(id);
const form = byId("form"), box = byId("question"), send = byId("send");
let running = null;

// Everything from documents and models goes through here, as text.
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const sign = (name) => document.querySelector(`template[data-mark="${CSS.escape(name)}"]`).content.cloneNode(true);

for (const method of run.methods) {
  const pill = make("label", "pill");
  pill.dataset.colour = method.colour;
  pill.title = method.about;
  const tick = make("input", "unseen");
  tick.type = "checkbox";
  tick.name = "method";
  tick.value = method.name;
  tick.checked = true;
  pill.append(tick, sign(method.name), make("span", "", method.label));
  if (method.score !== null) {
    const score = make("small", "", method.score);
    score.title = run.metric;
    pill.append(score);
  }
  if (method.chosen) pill.append(make("span", "best", run.recommended ? "recommended" : "best"));
  byId("methods").append(pill);
}

if (run.methods.some((method) => method.score !== null)) {
  byId("methods").append(make("small", "scale", `${run.metric} in the run`));
}

const SHOWN = 3;
let first = 0;
const showExamples = () => {
  const place = byId("examples");
  place.replaceChildren(place.firstElementChild);
  const count = Math.min(SHOWN, run.examples.length);
  for (let step = 0; step < count; step++) {
    const example = run.examples[(first + step) % run.examples.length];
    const button = make("button", "", example.text);
    button.type = "button";
    button.addEventListener("click", () => {
      box.value = example.text;
      form.requestSubmit();
    });
    place.append(button);
  }
  if (run.examples.length > SHOWN) {
    const more = make("button", "more", "Other questions");
    more.type = "button";
    more.addEventListener("click", () => {
      first = (first + SHOWN) % run.examples.length;
      showExamples();
    });
    place.append(more);
  }
  place.hidden = count === 0;
};
showExamples();

byId("code").textContent = [
  "from openai import OpenAI",
  "",
  `client = OpenAI(base_url="${location.origin}/v1", api_key="none")`,
  `reply = client.chat.completions.create(`,
  `    model="${(run.methods.find((method) => method.chosen) || run.methods[0]).name}",`,
  `    messages=[{"role": "user", "content": "..."}],`,
  ")",
  "print(reply.choices[0].message.content)",
  'print(reply.choices[0].message.lab["passages"])',
].join("\n");
