
// ---- Card: one method and its answer.

class Card {
  constructor(turn, name, alone) {
    const method = methods.get(name);
    this.turn = turn;
    this.name = name;
    this.element = make("article", alone ? "card alone" : "card");
    this.element.dataset.colour = method.colour;
    this.element.dataset.method = name;
    const head = make("h3");
    head.append(sign(name), make("span", "", method.label));
    if (method.chosen && !alone) head.append(make("span", "best", run.recommended ? "recommended" : "best"));
    this.reason = make("p", "reason");
    this.reason.hidden = true;
    this.answer = make("p", "answer");
    this.answer.hidden = true;
    this.doing = make("p", "doing", "waits for its turn");
    this.foot = make("div", "foot");
    this.element.append(head, this.reason, this.doing, this.answer, this.foot);
    const hold = (held) => () => turn.hold(held ? this : null);
    this.element.addEventListener("pointerenter", hold(true));
    this.element.addEventListener("pointerleave", hold(false));
    this.element.addEventListener("focusin", hold(true));
    this.element.addEventListener("focusout", hold(false));
  }

  begin() {
    this.element.classList.add("writing");
    this.element.setAttribute("aria-busy", "true");
    this.doing.textContent = methods.get(this.name).reads ? "looks for passages" : "reads the question";
  }

  found(count) {
    this.doing.textContent = count === 1 ? "reads a passage" : `reads ${count} passages`;
  }

  raw(text) {
    if (!run.reasons) return;
    this.reason.hidden = false;
    this.reason.textContent += text;
    this.reason.scrollTop = this.reason.scrollHeight;
  }

  write(text) {
    this.doing.hidden = true;
    this.answer.hidden = false;
    this.answer.textContent += text;
  }

  finish(reply) {
    this.stop();
    this.reply = reply;
    this.answer.hidden = false;
    this.answer.textContent = reply.answer;
    if (!reply.answer || reply.abstained) this.answer.classList.add("none");
    if (!reply.answer) this.answer.textContent = "(nothing)";
    if (reply.citation) {
      const cite = make("button", "cite", reply.shown.note);
      cite.type = "button";
      cite.addEventListener("click", () => this.turn.point(reply));
      this.foot.append(cite);
    } else {
      this.foot.append(make("p", "", reply.shown.note));
    }
    for (const line of reply.shown.warnings) this.foot.append(make("p", "warn", line));
    for (const line of reply.shown.took) this.foot.append(make("p", "", line));
  }

  stop() {
    this.element.classList.remove("writing");
    this.element.removeAttribute("aria-busy");
    this.doing.hidden = true;
  }
}
