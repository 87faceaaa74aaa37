/** Hands workflows in: each press once, whatever the line does meanwhile. */

import { type Api, ApiProblem, type Schemas } from "../api/client";
import { type WorkflowFile } from "../document/model";
import { type DocumentStore } from "../document/store";
import { cutTo } from "./cut";
import { withRuns } from "./reduce";
import { drawSeeds } from "./seeds";
import { type Forecast, type RunStore } from "./store";

export interface Order {
  document: DocumentStore;
  /** What the runs are called: the same for every run of a workflow, as reasons and estimates go by it. */
  name: string;
  /** What drawing new seeds is called in the undo menu. */
  seedLabel: string;
  /** Run only what these nodes need. */
  targets?: readonly string[];
  /** How often, each with its next seed. */
  count?: number;
  /** Before all that wait with a smaller one. */
  priority?: number;
}

const PAUSES_MS = [300, 1000, 3000];

/** Returns the ids of the runs that were taken.
 * @throws ApiProblem when the server refuses, TypeError when it does not answer.
 */
export async function submitRuns(api: Api, runs: RunStore, order: Order): Promise<string[]> {
  const taken: string[] = [];
  for (let at = 0; at < (order.count ?? 1); at += 1) {
    const seeds = drawSeeds(order.document.getState().file, order.seedLabel);
    if (seeds) order.document.apply(seeds);
    const whole = order.document.getState().file;
    const workflow = order.targets ? cutTo(whole, order.targets) : whole;
    taken.push(await submitOne(api, runs, workflow, order));
  }
  return taken;
}

async function submitOne(api: Api, runs: RunStore, workflow: WorkflowFile, { name, priority }: Order): Promise<string> {
  const key = crypto.randomUUID();
  const body = { workflow: asSent(workflow), name, ...(priority !== undefined && { priority }) };
  // Asked before the run is taken, else its own steps are already in the store.
  const forecast = forecasts(api, workflow, name);
  await Promise.race([forecast, pause(250)]);
  const run = await patiently(async () => (await api.POST("/api/v1/runs", { body, params: { header: { "Idempotency-Key": key } } })).data);
  if (!run) throw new TypeError("no answer");
  runs.setState((state) => {
    // The socket may have told more of it by now: what it says is newer than the answer.
    const known = state.runs[run.id] ? state : withRuns(state, [run]);
    return withRuns({ ...known, asked: { ...known.asked, [run.id]: asked(workflow) } }, []);
  });
  void forecast.then((told) => runs.setState(({ forecasts: all }) => ({ forecasts: { ...all, [run.id]: told } })));
  return run.id;
}

/** The same key asks for the same run, so what got no answer can be sent again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const wait of PAUSES_MS) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ApiProblem) throw error;
      await pause(wait);
    }
  }
  return ask();
}

async function forecasts(api: Api, workflow: WorkflowFile, name: string): Promise<Record<string, Forecast>> {
  try {
    const { data } = await api.POST("/api/v1/plan", { body: { workflow: asSent(workflow), name } });
    return Object.fromEntries(
      (data?.steps ?? []).map(({ step, reason, seconds, state }) => [
        step,
        { reason, seconds: state === "cached" ? 0 : (seconds ?? undefined) },
      ]),
    );
  } catch {
    return {}; // it only tells more; the run does not depend on it
  }
}

/** What may wait: a muted node never runs. */
function asked({ nodes }: WorkflowFile): string[] {
  return Object.keys(nodes).filter((id) => nodes[id]?.["mode"] !== "mute");
}

/** The interface says of a workflow only that it is an object, which its types write as one without members. */
function asSent(workflow: WorkflowFile): Schemas["RunRequest"]["workflow"] {
  return workflow as unknown as Schemas["RunRequest"]["workflow"];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
