package io.latent4j.pipeline;

/** Keeps the weights of a part of a model in memory until it is closed. */
public interface Use extends AutoCloseable {

    @Override
    void close();
}
