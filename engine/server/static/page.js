// The page without the editor: what runs, what came out, what the interface offers.
// Text from anywhere goes in as text: there is no HTML made of strings in this file.
"use strict";

const API = "/api/v1/";
const SHOWN_RUNS = 50;
const SHOWN_PICTURES = 24;
const runs = new Map();
const now = new Map();
let workflow = null;
let retry = 500;

const at = (id) => document.getElementById(id);

function element(name, text = "", properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  if (text) made.textContent = text;
  return made;
}

async function ask(method, path, body) {
  const answer = await fetch(API + path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 401) at("door").hidden = false;
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.detail), { problems: told.problems });
  return told;
}

function showRuns() {
  const newest = [...runs.values()].sort((a, b) => b.created - a.created).slice(0, SHOWN_RUNS);
  at("no-runs").hidden = newest.length > 0;
  at("runs").replaceChildren(...newest.map(runRow));
  const pictures = newest.flatMap((run) => run.artifacts.map((file) => ({ run, file })));
  at("pictures").replaceChildren(...pictures.slice(0, SHOWN_PICTURES).map(figure));
}

function runRow(run) {
  const row = element("tr");
  const problems = run.problems.map((problem) => problem.message).join("; ");
  row.append(
    element("td", run.id.slice(0, 8)),
    element("td", run.state, { className: run.state }),
    element("td", run.name),
    element("td", now.get(run.id) ?? (run.message || problems)),
  );
  const last = element("td");
  if (run.state === "queued" || run.state === "running") {
    const cancel = element("button", "Cancel", { type: "button" });
    cancel.addEventListener("click", () => ask("DELETE", `runs/${run.id}`).then(refresh));
    last.append(cancel);
  }
  row.append(last);
  return row;
}

function figure({ run, file }) {
  const made = element("figure");
  const link = element("a", "", { href: file.href });
  if (/\.(png|jpe?g|webp)$/i.test(file.name)) {
    link.append(element("img", "", { src: file.href, alt: file.name, loading: "lazy" }));
  } else {
    link.textContent = file.name;
  }
  made.append(link, element("figcaption", `${file.name} (${run.name})`));
  return made;
}

async function refresh() {
  const told = await ask("GET", `runs?limit=${SHOWN_RUNS}`);
  runs.clear();
  for (const run of told.runs) runs.set(run.id, run);
  showRuns();
}

async function showRoutes() {
  const told = await ask("GET", "openapi.json");
  const rows = Object.entries(told.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, about]) => {
      const row = element("tr");
      row.append(
        element("td", method.toUpperCase()),
        element("td", path),
        element("td", about.summary),
      );
      return row;
    }),
  );
  at("routes").replaceChildren(...rows);
}

function showFindings(lines) {
  at("findings").replaceChildren(...lines.map((line) => element("li", line)));
}

function sentences(problems) {
  return problems.map((p) => [[p.step, p.port].filter(Boolean).join("."), p.message, p.fix]
    .filter(Boolean).join(": "));
}

async function submit(path) {
  try {
    const told = await ask("POST", path, workflow);
    showFindings(path === "check" ? sentences(told.problems) : []);
    if (path === "check" && told.ok) showFindings([...sentences(told.problems), "No errors."]);
    await refresh();
  } catch (error) {
    showFindings([error.message, ...sentences(error.problems ?? [])]);
  }
}

async function take(event) {
  const [file] = event.target.files;
  if (!file) return;
  try {
    workflow = { workflow: JSON.parse(await file.text()), name: file.name };
    showFindings([]);
  } catch {
    workflow = null;
    showFindings(["This file is no JSON."]);
  }
  for (const id of ["check", "run"]) at(id).disabled = workflow === null;
}

function hear(message) {
  if (typeof message.data !== "string") return;
  const event = JSON.parse(message.data);
  if (event.event === "step-progress") now.set(event.run, `${event.step} ${event.done}/${event.total}`);
  else if (event.event === "step-started") now.set(event.run, event.step);
  else if (event.event === "run-done") now.delete(event.run);
  if (event.event === "step-progress" || event.event === "step-started") showRuns();
  else refresh().catch(() => {});
}

function listen() {
  const socket = new WebSocket(`ws://${location.host}${API}events`);
  socket.addEventListener("open", () => {
    retry = 500;
    at("state").textContent = "connected";
  });
  socket.addEventListener("message", hear);
  socket.addEventListener("close", () => {
    at("state").textContent = "not connected, trying again";
    setTimeout(listen, retry);
    retry = Math.min(2 * retry, 10000);
  });
}

async function start() {
  await Promise.all([refresh(), showRoutes()]);
  listen();
}

at("file").addEventListener("change", take);
at("check").addEventListener("click", () => submit("check"));
at("run").addEventListener("click", () => submit("runs"));
at("door").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await ask("POST", "session", { token: at("token").value });
    at("door").hidden = true;
    await start();
  } catch (error) {
    at("door-answer").textContent = error.message;
  }
});
start().catch((error) => { at("state").textContent = error.message; });
