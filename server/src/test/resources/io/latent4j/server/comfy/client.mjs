// Runs a text-to-image graph by a client of ComfyUI, over its socket and by polling, and prints what came of it.
import { Client } from "@stable-canvas/comfyui-client";
import WebSocket from "ws";

const client = new Client({ api_host: process.argv[2], WebSocket });
client.connect();
const [models, samplers] = await Promise.all([client.getSDModels(), client.getSamplers()]);
const graph = (seed) => ({
  1: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: models[0] } },
  2: { class_type: "CLIPTextEncode", inputs: { text: "a red circle", clip: ["1", 1] } },
  3: { class_type: "CLIPTextEncode", inputs: { text: "", clip: ["1", 1] } },
  4: { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64, batch_size: 1 } },
  5: {
    class_type: "KSampler",
    inputs: {
      model: ["1", 0], positive: ["2", 0], negative: ["3", 0], latent_image: ["4", 0],
      seed, steps: 5, cfg: 3, sampler_name: samplers[0], scheduler: "normal", denoise: 1,
    },
  },
  6: { class_type: "VAEDecode", inputs: { samples: ["5", 0], vae: ["1", 2] } },
  7: { class_type: "SaveImage", inputs: { images: ["6", 0], filename_prefix: "client" } },
});
const steps = [];
const heard = await client.enqueue(graph(1), { progress: ({ value }) => steps.push(value) });
const polled = await client.enqueue_polling(graph(2));
const sizes = [];
for (const { images } of [heard, polled]) {
  for (const image of images) {
    if (image.type === "url") { // others are previews
      sizes.push((await (await fetch(image.data)).arrayBuffer()).byteLength);
    }
  }
}
console.log(JSON.stringify({ models, steps, sizes }));
client.close();
process.exit(0);
