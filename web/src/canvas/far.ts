/** Below this zoom nothing can be read: only names, states and pictures are drawn. */
export const FAR = 0.35;
