/** The part of ComfyUI's API that clients with text-to-image graphs use. */
package io.latent4j.server.comfy;
