import { Suspense, lazy } from "react";
import { useStore } from "zustand";
import { useSession } from "../session";

/** Painting is loaded when somebody paints. */
const MaskPainter = lazy(async () => ({ default: (await import("./MaskPainter")).MaskPainter }));

export function MaskOverlay() {
  const { desk } = useSession();
  const task = useStore(desk.mask, (state) => state.task);
  if (!task) return null;
  return (
    <Suspense fallback={null}>
      <MaskPainter task={task} />
    </Suspense>
  );
}
