package io.latent4j.cli.options;

import io.latent4j.pipeline.Control;
import java.util.List;

/** Control networks in memory until this is closed. */
public record LoadedControls(List<Control> controls) implements AutoCloseable {

    public LoadedControls {
        controls = List.copyOf(controls);
    }

    @Override
    public void close() {
        controls.forEach(control -> control.net().close());
    }
}
