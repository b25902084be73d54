/** What happens to a request: its plan, texts, guidance, control and inpainting, and the loop over denoising steps. */
package io.latent4j.pipeline.run;
