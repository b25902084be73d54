package io.latent4j.pipeline.run;

import io.latent4j.core.memory.Leases;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.request.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps all that a run uses open until this is closed. */
public final class RunLeases implements AutoCloseable {
    private final List<Leases.Lease> all = new ArrayList<>();

    private RunLeases() {}

    /**
     * Leases on a model and on what a request uses of its pipeline's attachments.
     *
     * @throws IllegalArgumentException if the request names what is not attached
     * @throws io.latent4j.core.memory.ResourceClosedException if one of them is closed
     */
    public static RunLeases of(
            GenerationRequest request,
            Model parts,
            Attachments attached,
            Optional<Model> refiner,
            Optional<PreviewDecoder> previews) {
        RunLeases leases = new RunLeases();
        try {
            leases.all.add(parts.lease());
            request.adapters().stream()
                    .map(use -> attached.adapter(use).lora().lease())
                    .forEach(leases.all::add);
            request.controls().stream()
                    .map(control -> attached.control(control).net().lease())
                    .forEach(leases.all::add);
            refiner.map(Model::lease).ifPresent(leases.all::add);
            previews.map(PreviewDecoder::lease).ifPresent(leases.all::add);
            return leases;
        } catch (RuntimeException e) {
            leases.close();
            throw e;
        }
    }

    /** The leases, for {@link Cancellation}. */
    public List<Leases.Lease> all() {
        return List.copyOf(all);
    }

    @Override
    public void close() {
        all.forEach(Leases.Lease::close);
    }
}
