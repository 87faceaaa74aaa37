/** Names as people read them. */

/** `CrossAttnCondition` is "Cross Attn Condition"; `UNetDenoise` is "UNet Denoise". */
export function titleOf(type: string): string {
  return type
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, " ")
    .replaceAll(/(?<=[A-Z])(?=[A-Z][a-z]{2,}[A-Z])/g, " ")
    .replace(/^U Net/, "UNet");
}

/** `text_encoder` is "text encoder". */
export function labelOf(name: string): string {
  return name.replaceAll("_", " ");
}
