package io.latent4j.pipeline.model.sd3;

import io.latent4j.lora.LoraPart;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.TextTokenizer;

/**
 * A CLIP and its tokenizer.
 *
 * @param folder of the encoder
 * @param part what adapters call it
 */
record ClipReader(ClipTextModel encoder, TextTokenizer tokenizer, String folder, LoraPart part) {}
