/** Weight files: safetensors read through a memory map and written whole, and checkpoints of one file or many shards. */
package io.latent4j.core.weights;
