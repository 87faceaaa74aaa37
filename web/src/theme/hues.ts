/** A hue and a shape for every category and type. Those we know are spread for the eye; any other gets its own. */

const CATEGORY_HUES: Record<string, number> = {
  model: 300,
  "latent diffusion": 262,
  picture: 152,
  mask: 75,
  scenes: 195,
  training: 15,
  measuring: 225,
};

const TYPE_HUES: Record<string, number> = {
  Autoencoder: 330,
  UNet: 300,
  TextEncoder: 285,
  Latent: 350,
  Image: 152,
  Mask: 120,
  Conditioning: 65,
  Concat: 45,
  Schedule: 225,
  Noise: 205,
  Control: 180,
  ControlNet: 275,
};

export const SHAPES = ["circle", "square", "diamond", "triangle", "hexagon", "pill"] as const;
export type Shape = (typeof SHAPES)[number];

const TYPE_SHAPES: Record<string, Shape> = {
  Autoencoder: "hexagon",
  UNet: "hexagon",
  TextEncoder: "hexagon",
  ControlNet: "hexagon",
  Judge: "hexagon",
  Latent: "diamond",
  Image: "square",
  Mask: "triangle",
  Conditioning: "circle",
  Concat: "pill",
};

export function categoryHue(category: string): number {
  return CATEGORY_HUES[category] ?? hueOf(category);
}

export function typeHue(type: string): number {
  return TYPE_HUES[type] ?? hueOf(type);
}

export function typeShape(type: string): Shape {
  return TYPE_SHAPES[type] ?? SHAPES[hash(type) % SHAPES.length] ?? "circle";
}

function hueOf(name: string): number {
  return (hash(name) * 47) % 360;
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 100_003, 7);
}
