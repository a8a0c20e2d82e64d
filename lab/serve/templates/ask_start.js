
// ---- Start: a question is sent, and what happens comes back event by event.

const say = (text) => { byId("status").textContent = text; };
const complain = (text) => {
  byId("alert").textContent = text;
  byId("alert").hidden = !text;
};

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) if (block.startsWith("data: ")) yield JSON.parse(block.slice(6));
  }
}

async function ask(question, names, signal, turn) {
  const response = await fetch("/api/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question, methods: names }),
    signal,
  });
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    throw new Error(body && body.error ? body.error.message : `the server said ${response.status}`);
  }
  let ended = false;
  for await (const event of events(response)) {
    if (event.type === "queued") say(event.ahead ? `waits for ${event.ahead} other question${event.ahead > 1 ? "s" : ""}` : "");
    else if (event.type === "failed") throw new Error(event.message);
    else if (event.type === "end") ended = true;
    else {
      if (event.type === "turn") say(`${methods.get(event.method).label} answers`);
      turn.handle(event);
    }
  }
  if (!ended) throw new Error("the server ended the connection before the answer was whole");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (running) {
    running.abort();
    return;
  }
  const question = box.value.trim();
  const names = [...form.querySelectorAll("input[name=method]:checked")].map((tick) => tick.value);
  complain("");
  if (!question) return;
  if (names.length === 0) {
    complain("Choose a method that answers.");
    return;
  }
  running = new AbortController();
  send.textContent = "Stop";
  send.classList.add("stop");
  const turn = new TurnView(question, names);
  byId("turns").prepend(turn.element);
  try {
    await ask(question, names, running.signal, turn);
    say("");
  } catch (error) {
    say("");
    if (error.name === "AbortError") say("stopped");
    else complain(error instanceof TypeError ? "The server does not answer; is lab serve still running?" : error.message);
  } finally {
    turn.stop();
    running = null;
    send.textContent = "Ask";
    send.classList.remove("stop");
  }
});

box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!running) form.requestSubmit();
});
box.focus();
