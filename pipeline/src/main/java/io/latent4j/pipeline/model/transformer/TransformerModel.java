package io.latent4j.pipeline.model.transformer;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.config.Config;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Precision;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelKind;
import io.latent4j.pipeline.model.AutoencoderCodec;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.pipeline.model.LatentDenoiser;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.PartWeights;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.model.TextCache;
import io.latent4j.pipeline.model.TextConditioner;
import io.latent4j.pipeline.model.WeightLease;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.vae.Autoencoder;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A loaded model of a transformer, of whichever family. */
public final class TransformerModel implements Model {
    private static final long KEPT_TOKENS = 4096; // 64 MB of the widest states there are

    private final TransformerFamily family;
    private final Shared shared;
    private final SchedulerConfig scheduler;

    /** What models under different schedulers have in common. */
    private record Shared(
            String name,
            NDManager manager,
            TransformerParts parts,
            TextConditioner text,
            TransformerDenoiser denoiser,
            Autoencoder vae,
            Precision vaePrecision,
            Map<ModelPart, PartWeights> weights,
            ModelDefaults defaults,
            List<String> warnings,
            Leases leases) {}

    private TransformerModel(TransformerFamily family, Shared shared, SchedulerConfig scheduler) {
        this.family = family;
        this.shared = shared;
        this.scheduler = scheduler;
    }

    /** Reads a model's files, checks that its parts belong together, and loads the weights. */
    static TransformerModel open(TransformerFamily family, String name, ModelFiles files, Placement placement)
            throws IOException {
        files.require(family.folders());
        TransformerParts parts = family.parts(files);
        NDManager manager = NDManager.newBaseManager(placement.device(), "PyTorch");
        try {
            return Scopes.outliving(manager, () -> load(family, name, files, placement, parts, manager));
        } catch (IOException | RuntimeException | Error e) {
            manager.close();
            parts.close();
            throw e;
        }
    }

    private static TransformerModel load(
            TransformerFamily family,
            String name,
            ModelFiles files,
            Placement placement,
            TransformerParts parts,
            NDManager manager)
            throws IOException {
        Config schedulerJson = files.json("scheduler/scheduler_config.json");
        SchedulerConfig scheduler = parts.scheduler(SchedulerConfig.from(schedulerJson.json(), schedulerJson.name()));
        Config vaeJson = files.json("vae/config.json");
        Autoencoder vae = Autoencoder.of(vaeJson);
        parts.checkLatents(vae.config(), files.location().toString());
        Precision vaePrecision = placement.ofAutoencoder(vaeJson, vae);
        ModelDefaults defaults = parts.defaults(
                files.json(ModelKind.INDEX), scheduler, vae.config().downscale());
        List<PartWeights.Stored> texts = parts.texts().stream()
                .map(text -> new PartWeights.Stored(text.block(), text.folder(), placement.precision(), text.names()))
                .toList();
        PartWeights.Stored denoiser = new PartWeights.Stored(
                parts.transformer(), TransformerFamily.TRANSFORMER, placement.precision(), Optional::of);
        PartWeights.Stored codec = new PartWeights.Stored(vae.block(), "vae", vaePrecision, vae::keyOf);
        boolean offload = placement.offload();
        Map<ModelPart, PartWeights> weights = new EnumMap<>(ModelPart.class);
        weights.put(ModelPart.DENOISER, PartWeights.of(List.of(denoiser), files, manager, offload));
        weights.put(ModelPart.VAE, PartWeights.of(List.of(codec), files, manager, offload));
        weights.put(ModelPart.TEXT_ENCODERS, PartWeights.of(texts, files, manager, offload));
        Shared shared = new Shared(
                name,
                manager,
                parts,
                text(name, parts, weights.get(ModelPart.TEXT_ENCODERS), manager),
                parts.denoiser(placement.precision().compute()),
                vae,
                vaePrecision,
                weights,
                defaults,
                files.warnings(),
                new Leases("the model " + name));
        return new TransformerModel(family, shared, scheduler);
    }

    private static TextConditioner text(String name, TransformerParts parts, PartWeights weights, NDManager manager) {
        TextCache cache = weights.offloaded()
                ? TextCache.ofOffloaded(weights::changed, manager, KEPT_TOKENS)
                : TextCache.of(
                        () -> parts.texts().stream()
                                .flatMap(text -> text.block().arrays().stream())
                                .toList(),
                        manager,
                        KEPT_TOKENS);
        return new TransformerText(name, parts.encoding(), weights, cache);
    }

    @Override
    public String name() {
        return shared.name;
    }

    /** The family it belongs to. */
    public TransformerFamily family() {
        return family;
    }

    @Override
    public NDManager manager() {
        return shared.manager;
    }

    @Override
    public TextConditioner text() {
        return shared.text;
    }

    @Override
    public LatentDenoiser denoiser() {
        return shared.denoiser;
    }

    @Override
    public LatentCodec codec(Tiling tiling) {
        return new AutoencoderCodec(
                shared.vae,
                shared.weights.get(ModelPart.VAE),
                shared.vaePrecision.compute(),
                tiling,
                shared.denoiser.patchSize());
    }

    @Override
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    @Override
    public TransformerModel withScheduler(SchedulerConfig other) {
        return new TransformerModel(family, shared, shared.parts.scheduler(other));
    }

    @Override
    public ModelDefaults defaults() {
        return shared.defaults;
    }

    @Override
    public List<String> warnings() {
        return shared.warnings;
    }

    @Override
    public WeightLease use(ModelPart part) {
        return shared.weights.get(part).use();
    }

    @Override
    public boolean offloads() {
        return shared.weights.get(ModelPart.DENOISER).offloaded();
    }

    @Override
    public Leases.Lease lease() {
        return shared.leases.lease();
    }

    @Override
    public AdaptableModel adaptable() {
        return new AdaptableModel(family.adapterNames(), TransformerFamily.adaptable(shared.parts));
    }

    @Override
    public void close() {
        shared.leases.close(() -> {
            shared.parts.close();
            shared.manager.close();
        });
    }
}
