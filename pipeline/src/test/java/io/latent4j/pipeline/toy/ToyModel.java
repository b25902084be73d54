package io.latent4j.pipeline.toy;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.memory.Leases;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.pipeline.model.LatentDenoiser;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.model.TextConditioner;
import io.latent4j.pipeline.model.WeightLease;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.Map;

/** A model without weights. */
final class ToyModel implements Model {
    private final String name;
    private final NDManager manager;
    private final SchedulerConfig scheduler;
    private final ToyDenoiser denoiser;
    private final Leases leases;

    ToyModel(String name, Placement placement, SchedulerConfig scheduler) {
        this(name, NDManager.newBaseManager(placement.device(), "PyTorch"), scheduler, new Leases("the model " + name));
    }

    private ToyModel(String name, NDManager manager, SchedulerConfig scheduler, Leases leases) {
        this.name = name;
        this.manager = manager;
        this.scheduler = scheduler;
        this.leases = leases;
        this.denoiser = new ToyDenoiser(scheduler);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public TextConditioner text() {
        return new ToyText();
    }

    @Override
    public LatentDenoiser denoiser() {
        return denoiser;
    }

    @Override
    public LatentCodec codec(Tiling tiling) {
        return new ToyCodec();
    }

    @Override
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    @Override
    public Model withScheduler(SchedulerConfig other) {
        return new ToyModel(name, manager, other, leases);
    }

    @Override
    public ModelDefaults defaults() {
        return new ModelDefaults(24, 12, 5, 2);
    }

    @Override
    public WeightLease use(ModelPart part) {
        return () -> {};
    }

    @Override
    public Leases.Lease lease() {
        return leases.lease();
    }

    @Override
    public AdaptableModel adaptable() {
        return new AdaptableModel(new ToyFamily().adapterNames(), Map.of(LoraPart.UNET, denoiser.block()));
    }

    @Override
    public void close() {
        leases.close(manager::close);
    }
}
