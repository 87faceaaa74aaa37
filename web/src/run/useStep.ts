import { useStore } from "zustand";
import { useSession } from "../session";
import { IDLE, type StepState } from "./store";

/** The state of one node's step: only that node is drawn again when it changes. */
export function useStep(nodeId: string): StepState {
  return useStore(useSession().run, (state) => state.steps[nodeId] ?? IDLE);
}
