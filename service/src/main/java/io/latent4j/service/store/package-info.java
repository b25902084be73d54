/** Jobs that were accepted, what became of them, and their images: what outlives a process. */
package io.latent4j.service.store;
