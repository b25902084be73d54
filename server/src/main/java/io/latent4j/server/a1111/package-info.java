/** The API of Stable Diffusion web UI, as its clients speak it. */
package io.latent4j.server.a1111;
