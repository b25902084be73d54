package io.latent4j.lora;

import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.NamedBlock;
import java.util.Map;
import java.util.Optional;

/**
 * A model as adapters see it.
 *
 * @param names how adapter files of the model's family name its layers
 * @param parts the parts there are, with weights or, where only names and shapes are asked for, without
 * @param origin tells which other models an adapter was made for that does not fit
 */
public record AdaptableModel(AdapterNames names, Map<LoraPart, NamedBlock> parts, AdapterOrigin origin) {

    public AdaptableModel {
        parts = ImmutableMap.copyOf(parts);
        for (LoraPart part : parts.keySet()) {
            if (!names.parts().containsKey(part)) {
                throw new IllegalArgumentException("the model has a " + part.title()
                        + ", for which its family has no adapter names; expected one of "
                        + names.parts().keySet());
            }
        }
    }

    /** A model beside which no others are known. */
    public AdaptableModel(AdapterNames names, Map<LoraPart, NamedBlock> parts) {
        this(names, parts, AdapterOrigin.UNKNOWN);
    }

    Optional<NamedBlock> part(LoraPart part) {
        return Optional.ofNullable(parts.get(part));
    }

    AdapterNames.Part names(LoraPart part) {
        AdapterNames.Part found = names.parts().get(part);
        if (found == null) {
            throw new IllegalArgumentException("there are no adapter names for the " + part.title());
        }
        return found;
    }
}
