import { useStore } from "zustand";
import { Viewer } from "../app/parts";
import { useSession } from "../session";

/** The viewer, while there is something to look at. */
export function ViewerOverlay() {
  const { desk } = useSession();
  return useStore(desk.viewer, (state) => state.at) === undefined ? null : <Viewer />;
}
