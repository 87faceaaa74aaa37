import { memo } from "react";
import { nodeSlots } from "../app/panels";

/** What other features show on every node: previews while it computes, pictures when it has. */
export const NodeExtras = memo(function NodeExtras({ id }: { id: string }) {
  return nodeSlots.map((Slot, at) => <Slot key={at} nodeId={id} />);
});
