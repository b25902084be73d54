package io.latent4j.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Components;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the embedded model on the CPU in float32: one for all of them, which is loaded for the first and closed after
 * the last. They neither close it nor change its weights.
 */
public final class EmbeddedParts implements ParameterResolver {
    private static final Namespace OWN = Namespace.create(EmbeddedParts.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Components.class;
    }

    @Override
    public Components resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(OWN)
                .getOrComputeIfAbsent("parts", key -> load(), Components.class); // closed with the store
    }

    private static Components load() {
        try {
            return Components.embedded(Device.cpu(), DataType.FLOAT32);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
