/**
 * Low-rank adapters for the layers of a model: {@link io.latent4j.lora.LoraFile} is what a file says, {@link
 * io.latent4j.lora.Lora} its weights bound to a model, {@link io.latent4j.lora.LoraUse} one of them at a strength, which a
 * {@link io.latent4j.core.nn.Pass} applies or a {@link io.latent4j.lora.LoraFuser} puts into the weights.
 */
package io.latent4j.lora;
