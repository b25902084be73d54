package io.latent4j.cli.options;

import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.request.ControlInput;
import java.util.List;
import java.util.Map;

/**
 * Control networks in memory until this is closed.
 *
 * @param nets by the names that the controls have
 */
public record LoadedControls(Map<String, ControlNet> nets, List<ControlInput> controls) implements AutoCloseable {

    public LoadedControls {
        nets = Map.copyOf(nets);
        controls = List.copyOf(controls);
    }

    @Override
    public void close() {
        nets.values().forEach(ControlNet::close);
    }
}
