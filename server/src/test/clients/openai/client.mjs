// Asks a server for images as OpenAI's library for Node does: node client.mjs BASE_URL KEY
import assert from "node:assert/strict";
import OpenAI, { toFile } from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const asked = { model: "embedded", prompt: "a red circle", size: "64x64" };
const isPng = (base64) => Buffer.from(base64, "base64").subarray(1, 4).toString() === "PNG";

const models = await client.models.list();
assert.deepEqual(models.data.map((model) => model.id), ["embedded"]);
assert.equal((await client.models.retrieve("embedded")).owned_by, "latent4j");

const made = await client.images.generate({ ...asked, n: 2, latent4j: { steps: 2, seed: 7 } });
assert.equal(made.data.length, 2);
assert.ok(made.data.every((image) => isPng(image.b64_json)));
assert.equal(made.data[0].latent4j.seed, "7");
assert.equal(made.usage.total_tokens, 0);

const found = await client.images.generate({ ...asked, response_format: "url", latent4j: { steps: 1 } });
const image = await fetch(found.data[0].url, { headers: { authorization: `Bearer ${apiKey}` } });
const png = Buffer.from(await image.arrayBuffer());
assert.ok(isPng(png.toString("base64")));

const types = [];
for await (const event of await client.images.generate({
  ...asked,
  stream: true,
  partial_images: 1,
  latent4j: { steps: 4 },
})) {
  types.push(event.type);
  assert.ok(isPng(event.b64_json));
}
assert.equal(types.at(-1), "image_generation.completed");

const edited = await client.images.edit({
  image: await toFile(png, "image.png", { type: "image/png" }),
  prompt: "a blue circle",
  latent4j: { steps: 2, source: { strength: 0.5 } },
});
assert.match(edited.data[0].latent4j.parameters, /Denoising strength: 0.5/);

const varied = await client.images.createVariation({ image: await toFile(png, "image.png", { type: "image/png" }) });
assert.ok(isPng(varied.data[0].b64_json));

await assert.rejects(client.images.generate({ ...asked, size: "big" }), (error) => {
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.param, "size");
  return true;
});
await assert.rejects(client.images.generate({ ...asked, model: "dall-e-3" }), OpenAI.NotFoundError);
await assert.rejects(async () => {
  for await (const event of await client.images.generate({ ...asked, size: "63x64", stream: true })) {
    assert.fail(event.type);
  }
}, OpenAI.APIError);
await assert.rejects(new OpenAI({ baseURL, apiKey: "another", maxRetries: 0 }).models.list(), OpenAI.AuthenticationError);
console.log("all is well");
