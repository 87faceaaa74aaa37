/** Between pictures of the browser and a mask of numbers. */

import { MaskLayer, type Rect } from "./layer";

/** The largest side that is painted on: beyond it a stroke no longer follows the hand. */
const LARGEST_SIDE = 4096;
const BLANK = 512;

export async function loadPicture(address: string): Promise<ImageBitmap> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} ${address.slice(address.lastIndexOf("/") + 1)}`);
  return createImageBitmap(await response.blob());
}

/** An empty mask of the picture's size, or the one there is: white and clear parts repaint, as the engine reads them. */
export function layerOf(picture: ImageBitmap | undefined, mask: ImageBitmap | undefined): MaskLayer {
  const { width, height } = sizeOf(picture ?? mask);
  if (!mask) return new MaskLayer(width, height);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) return new MaskLayer(width, height);
  context.drawImage(mask, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const values = new Uint8Array(width * height);
  const isClear = data.some((value, at) => at % 4 === 3 && value < 255);
  for (let at = 0; at < values.length; at += 1) {
    const [red = 0, green = 0, blue = 0, alpha = 255] = data.subarray(at * 4, at * 4 + 4);
    values[at] = isClear ? 255 - alpha : Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  return new MaskLayer(width, height, values);
}

/** Draws a part of the mask as a tint over the picture. */
export function drawLayer(context: CanvasRenderingContext2D, layer: MaskLayer, area: Rect, tint: readonly [number, number, number]): void {
  if (area.width === 0 || area.height === 0) return;
  const image = context.createImageData(area.width, area.height);
  for (let row = 0; row < area.height; row += 1) {
    for (let column = 0; column < area.width; column += 1) {
      const to = (row * area.width + column) * 4;
      image.data.set(tint, to);
      image.data[to + 3] = layer.data[(area.y + row) * layer.width + area.x + column] ?? 0;
    }
  }
  context.putImageData(image, area.x, area.y);
}

/** The mask as a file: white repaints, black keeps. */
export async function maskFile(layer: MaskLayer, name: string): Promise<File> {
  const canvas = new OffscreenCanvas(layer.width, layer.height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("2d");
  const image = context.createImageData(layer.width, layer.height);
  for (let at = 0; at < layer.data.length; at += 1) {
    const value = layer.data[at] ?? 0;
    image.data.set([value, value, value, 255], at * 4);
  }
  context.putImageData(image, 0, 0);
  return new File([await canvas.convertToBlob({ type: "image/png" })], name, { type: "image/png" });
}

function sizeOf(picture: ImageBitmap | undefined): { width: number; height: number } {
  if (!picture) return { width: BLANK, height: BLANK };
  const shrink = Math.min(1, LARGEST_SIDE / Math.max(picture.width, picture.height));
  return { width: Math.round(picture.width * shrink), height: Math.round(picture.height * shrink) };
}
