/**
 * The encoder of T5 (<a href="https://arxiv.org/abs/1910.10683">Raffel et al. 2020</a>) as version 1.1 has it, which reads
 * prompts for Stable Diffusion 3, FLUX.1 and PixArt, and its tokenizer.
 */
package io.latent4j.textencoder.t5;
