/**
 * The text model of Qwen3 (<a href="https://arxiv.org/abs/2505.09388">Qwen team 2025</a>), whose states Z-Image and FLUX.2
 * attend to, its tokenizer, and the chat that they put a prompt in.
 */
package io.latent4j.textencoder.qwen;
