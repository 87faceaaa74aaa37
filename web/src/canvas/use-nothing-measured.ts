import { useStoreApi } from "@xyflow/react";
import { useState } from "react";

/** Sizes and sockets are computed: the library must not read them from what is drawn, where from afar there are none. */
export function useNothingMeasured(): void {
  const store = useStoreApi();
  useState(() => store.setState({ updateNodeInternals: () => undefined }));
}
