package io.latent4j.pipeline.model;

/** Keeps the weights of a part of a model in memory until it is closed. */
public interface WeightLease extends AutoCloseable {

    @Override
    void close();
}
