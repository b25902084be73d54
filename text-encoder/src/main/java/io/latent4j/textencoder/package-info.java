/**
 * From a prompt to what conditions a diffusion model: CLIP's tokenizer and CLIP's text model
 * (<a href="https://arxiv.org/abs/2103.00020">Radford et al. 2021</a>).
 *
 * <p>A {@link io.latent4j.textencoder.ClipTokenizer} turns text into token ids, a {@link
 * io.latent4j.textencoder.ClipTextModel} turns ids into {@link io.latent4j.textencoder.TextStates}. Both are read from the
 * folders of a model in the diffusers layout, and either can be used without the other.
 */
package io.latent4j.textencoder;
