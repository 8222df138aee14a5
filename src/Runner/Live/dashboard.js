"use strict";

// Shows a run as it goes: each event tells all that there is to show.
const byId = id => document.getElementById(id);
const charts = new Map();

const make = (name, text) => {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
};

// What has not changed is left as it is, so that nothing flickers and selected text stays selected.
const fill = (list, entries, create) => {
  const texts = JSON.stringify(entries);
  if (list.dataset.shown !== texts) {
    list.dataset.shown = texts;
    list.replaceChildren(...entries.map(create));
  }
};

const showFact = ({ name, value, note }) => {
  const [fact, shown] = [make("div", ""), make("dd", value)];
  if (note) {
    shown.append(" ", make("small", note));
  }
  fact.append(make("dt", name), shown);
  return fact;
};

const showWord = ({ name, note }) => {
  const word = make("li", "");
  word.append(make("span", name), make("small", note));
  return word;
};

const showChart = (name, spec) => {
  const shown = charts.get(name);
  // Another number of lines, or another kind of axis, is another chart.
  if (shown && shown.count === spec.series.length && shown.logY === spec.logY) {
    shown.update(spec);
    return;
  }
  const figure = shown?.figure ?? make("figure", "");
  if (shown) {
    shown.remove();
  } else {
    figure.id = name;
    figure.append(make("figcaption", spec.title));
    byId("charts").append(figure);
  }
  charts.set(name, Object.assign(Charts.draw(figure, spec), { figure, count: spec.series.length, logY: spec.logY }));
};

const show = run => {
  const percent = `${Math.floor(run.done * 100)}%`;
  byId("title").textContent = run.title ? `Recipe ${run.title}` : "makemore";
  byId("status").textContent = run.isOver ? run.status : `${run.status}, ${percent}`;
  byId("done").value = run.done;
  byId("done").hidden = run.isOver;
  document.body.classList.toggle("over", run.isOver);
  document.title = `${run.isOver ? "over" : percent} · ${run.title || "makemore"}`;
  fill(byId("facts"), run.facts, showFact);
  Object.entries(run.charts).forEach(([name, spec]) => showChart(name, spec));
  byId("names").hidden = run.words.length === 0;
  byId("from").textContent = run.namesFrom;
  fill(byId("words"), run.words, showWord);
};

// The page holds what there was to show when it was asked for.
show(JSON.parse(byId("view").textContent));
const events = new EventSource("events");
events.addEventListener("message", event => {
  const run = JSON.parse(event.data);
  show(run);
  if (run.isOver) {
    events.close();
  }
});
events.addEventListener("error", () => {
  byId("status").textContent = "the program does not answer: what is shown is what it told last";
});
