package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import io.latent4j.vae.AutoencoderKLFlux2;
import io.latent4j.vae.AutoencoderKLFlux2Config;
import io.latent4j.vae.DiagonalGaussian;
import io.latent4j.vae.TiledAutoencoder;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** An autoencoder's latents and images, whole and in tiles. */
final class VaeReplay {
    private VaeReplay() {}

    @SuppressWarnings("try")
    static void encode(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("image", "noise"));
        AutoencoderKL vae = vae(file, bench);
        try (NDScope scope = new NDScope()) {
            DiagonalGaussian latents = vae.encode(Pass.inference(), file.in("image"));
            Map<String, NDArray> got = new HashMap<>();
            got.put("out.mean", latents.mean());
            got.put("out.logvar", latents.logvar());
            got.put("out.std", latents.std());
            file.findIn("noise").ifPresent(noise -> {
                got.put("out.sample", latents.sample(noise));
                got.put("out.latents_scaled", vae.scaled(latents.sample(noise)));
            });
            file.compare(comparison, got, Set.of());
        }
    }

    @SuppressWarnings("try")
    static void decode(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("latents"));
        AutoencoderKL vae = vae(file, bench);
        try (NDScope scope = new NDScope()) {
            NDArray image = vae.decode(Pass.inference(), vae.unscaled(file.in("latents")));
            file.compare(comparison, Map.of("out.image", image), Set.of());
        }
    }

    /** The encoder of FLUX.2, whose latents the reference notes as the network has them, in squares, and normalized. */
    @SuppressWarnings("try")
    static void encodeFlux2(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("image"));
        AutoencoderKLFlux2 vae = flux2(file, bench);
        try (NDScope scope = new NDScope()) {
            DiagonalGaussian latents = vae.encode(Pass.inference(), file.in("image"));
            Map<String, NDArray> got = Map.of(
                    "out.mean", AutoencoderKLFlux2.latentsOf(latents.mean()),
                    "out.logvar", AutoencoderKLFlux2.latentsOf(latents.logvar()),
                    "out.patched", latents.mode(),
                    "out.latents_normalised", vae.scaled(latents.mode()));
            file.compare(comparison, got, Set.of());
        }
    }

    @SuppressWarnings("try")
    static void decodeFlux2(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("latents"));
        AutoencoderKLFlux2 vae = flux2(file, bench);
        try (NDScope scope = new NDScope()) {
            NDArray latents = vae.unscaled(file.in("latents"));
            Map<String, NDArray> got = Map.of(
                    "out.unpatched", AutoencoderKLFlux2.latentsOf(latents),
                    "out.image", vae.decode(Pass.inference(), latents));
            file.compare(comparison, got, Set.of());
        }
    }

    private static AutoencoderKLFlux2 flux2(CaseFile file, Workbench bench) throws IOException {
        return bench.model(AutoencoderKLFlux2.class, file.component(), (folder, manager, precision) -> {
            AutoencoderKLFlux2 vae =
                    new AutoencoderKLFlux2(AutoencoderKLFlux2Config.from(Config.read(folder.resolve("config.json"))));
            try (Checkpoint weights = Checkpoint.open(folder, "diffusion_pytorch_model")) {
                vae.load(weights, manager, precision, vae::keyOf);
            }
            return vae;
        });
    }

    @SuppressWarnings("try")
    static void tiled(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("latents", "image"));
        AutoencoderKL vae = vae(file, bench);
        TiledAutoencoder tiled = tiled(file, vae);
        try (NDScope scope = new NDScope()) {
            NDArray latents = vae.unscaled(file.in("latents"));
            DiagonalGaussian encoded = tiled.encode(Pass.inference(), file.in("image"));
            Map<String, NDArray> got = Map.of(
                    "out.image_tiled", tiled.decode(Pass.inference(), latents),
                    "out.image_full", vae.decode(Pass.inference(), latents),
                    "out.encode_mean_tiled", encoded.mean(),
                    "out.encode_logvar_tiled", encoded.logvar());
            file.compare(comparison, got, Set.of());
        }
    }

    private static TiledAutoencoder tiled(CaseFile file, AutoencoderKL vae) {
        int tile = (int) file.number("tile_latent_min_size", 0);
        double pixels = file.number("tile_sample_min_size", 0);
        if (tile * vae.config().downscale() != pixels) {
            throw new NotCovered("tiles of " + tile + " latents and " + pixels + " pixels");
        }
        double overlap = file.number("tile_overlap_factor", 0.25);
        return NotCovered.ifRefused(() -> new TiledAutoencoder(vae, tile, overlap));
    }

    private static AutoencoderKL vae(CaseFile file, Workbench bench) throws IOException {
        Config config = Config.read(file.component().resolve("config.json"));
        NotCovered.ifRefused(() -> AutoencoderKLConfig.from(config));
        return bench.model(AutoencoderKL.class, file.component(), AutoencoderKL::load);
    }
}
