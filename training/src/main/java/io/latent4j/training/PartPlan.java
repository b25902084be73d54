package io.latent4j.training;

import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The section of a run file about a network: begun with the weights in a folder, or new by a config that is written out. */
final class PartPlan {
    private PartPlan() {}

    /**
     * The config of the network: that in its folder, or else the one that is written out.
     *
     * @param from the folder
     * @param what a written config has: "config.json of a UNet2DModel"
     * @throws IOException if the folder's cannot be read
     */
    static Config config(Config section, Optional<Path> from, String what) throws IOException {
        if (from.isPresent()) {
            section.refuseWithoutEffect("the folder " + from.get() + " has its own", "config");
            return Config.read(from.get().resolve("config.json"));
        }
        if (!section.has("config")) {
            section.refuse("expected config, what " + what + " has, or from, its folder");
        }
        return section.section("config");
    }
}
