import { type Action } from "./action";

/** Cancels the run on the graph, or the newest one. */
export const cancel: Action = {
  title: "action.cancel",
  section: "run",
  icon: "stop",
  keys: ["Mod+Alt+Enter"],
  always: true,
  enabled: ({ run }) => Object.values(run.getState().runs).some(({ state }) => state === "running" || state === "queued"),
  run: async ({ api, run }) => {
    const { current, order, runs } = run.getState();
    const going = [current, ...order].find((id) => id !== undefined && (runs[id]?.state === "running" || runs[id]?.state === "queued"));
    if (going !== undefined) await api.DELETE("/api/v1/runs/{id}", { params: { path: { id: going } } });
  },
};
