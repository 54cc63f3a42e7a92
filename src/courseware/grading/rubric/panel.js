(function (rubric) {
  "use strict";
  // formgrader gives its boxes these ids, and saves a box when it changes.
  const panel = document.currentScript.previousElementSibling;
  const score = document.getElementById(rubric.cell);
  const comment = document.getElementById(rubric.cell + "-comment");
  const off = panel.querySelector(".off");
  const chosen = (place) => panel.querySelector("input[name=criterion-" + place + "]:checked");
  const save = (box) => box.dispatchEvent(new Event("change", { bubbles: true }));
  const line = (one, points) => "- " + one.name + ": " + points + " of " + one.points;
  const TAKEN = "- Taken off: ";
  let latest = null;  // the comment as it was last written here or typed

  // What the grader wrote, without the lines of points that this panel wrote.
  function own() {
    const starts = [TAKEN].concat(rubric.criteria.map((one) => "- " + one.name + ": "));
    const lines = comment.value.split("\n").filter((text) => !starts.some((start) => text.startsWith(start)));
    return lines.join("\n").trim();
  }

  function write(words) {
    const points = rubric.criteria.flatMap((one, at) => (chosen(at) ? [line(one, chosen(at).value)] : []));
    if (Number(off.value) > 0) points.push(TAKEN + off.value);
    comment.value = latest = [points.join("\n"), words].filter(Boolean).join("\n\n");
    save(comment);
  }

  function sum() {
    const points = rubric.criteria.map((one, at) => chosen(at));
    const total = Math.max(0, points.reduce((all, one) => all + (one ? Number(one.value) : 0), 0) - Number(off.value));
    panel.querySelector("output").value = total;
    return points.every(Boolean) ? total : null;
  }

  // A score is a whole judgement: it is saved when every criterion has its points.
  function judged() {
    const total = sum();
    write(own());
    if (total !== null) {
      score.value = total;
      save(score);
    }
  }

  function toggle(code) {
    const words = own(), text = "- " + rubric.comments[code];
    const without = words.split("\n").filter((one) => one !== text).join("\n").trim();
    write(without === words ? [words, text].filter(Boolean).join("\n") : without);
  }

  // Before formgrader hears of the change: `#E1` becomes the comment with this code.
  function expand(event) {
    if (event.target !== comment) return;
    comment.value = latest = comment.value.replace(/#([A-Z]\d+)\b/g, (all, code) => rubric.comments[code] || all);
  }

  // A save that ends late puts its own, older text into the box.
  function keep() {
    if (latest !== null && comment.value !== latest) comment.value = latest;
  }

  // The points that were given before stand in the comment.
  function restore() {
    if (!formgrader.comments || !formgrader.comments.loaded) return setTimeout(restore, 100);
    const lines = comment.value.split("\n");
    panel.querySelectorAll("input[type=radio]").forEach((radio) => {
      radio.checked = lines.includes(line(rubric.criteria[Number(radio.name.split("-")[1])], radio.value));
    });
    const taken = lines.find((text) => text.startsWith(TAKEN));
    off.value = taken ? taken.slice(TAKEN.length) : 0;
    sum();
  }

  panel.querySelectorAll("input").forEach((input) => input.addEventListener("input", judged));
  panel.querySelectorAll("[data-code]").forEach((one) => one.addEventListener("click", () => toggle(one.dataset.code)));
  document.addEventListener("change", expand, true);
  comment.addEventListener("input", () => { latest = comment.value; });
  jQuery(document).on("finished_saving", keep);
  window.addEventListener("load", restore);
})
