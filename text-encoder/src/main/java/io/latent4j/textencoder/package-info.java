/**
 * From a prompt to what conditions a diffusion model.
 *
 * <p>A {@link io.latent4j.textencoder.TextTokenizer} turns text into token ids, a {@link
 * io.latent4j.textencoder.TextEncoder} turns ids into {@link io.latent4j.textencoder.TextStates}. CLIP's
 * (<a href="https://arxiv.org/abs/2103.00020">Radford et al. 2021</a>) are {@link io.latent4j.textencoder.ClipTokenizer} and
 * {@link io.latent4j.textencoder.ClipTextModel}; T5's and Qwen's are in packages of their own. Both are read from the folders of a model in the diffusers layout, and
 * either can be used without the other.
 */
package io.latent4j.textencoder;
