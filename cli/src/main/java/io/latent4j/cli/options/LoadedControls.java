package io.latent4j.cli.options;

import io.latent4j.pipeline.request.ControlInput;
import java.util.List;

/** Control networks in memory until this is closed. */
public record LoadedControls(List<ControlInput> controls) implements AutoCloseable {

    public LoadedControls {
        controls = List.copyOf(controls);
    }

    @Override
    public void close() {
        controls.forEach(control -> control.net().close());
    }
}
