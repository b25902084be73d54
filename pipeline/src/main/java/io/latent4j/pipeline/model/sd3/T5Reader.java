package io.latent4j.pipeline.model.sd3;

import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.textencoder.t5.T5Tokenizer;

/** T5 and its tokenizer. */
record T5Reader(T5EncoderModel encoder, T5Tokenizer tokenizer) {}
