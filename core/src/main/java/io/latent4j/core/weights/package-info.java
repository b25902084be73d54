/**
 * Weight files: safetensors and PyTorch archives read through a memory map, safetensors written whole, and checkpoints of
 * one file or many shards. Archives are pickles, read here as data: nothing in them is ever called.
 */
package io.latent4j.core.weights;
