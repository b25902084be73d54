package io.latent4j.pipeline.model;

import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelKind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;

/**
 * The families of models that are known.
 *
 * @param all asked in this order
 */
public record Families(List<ModelFamily> all) {
    /** Models without a family here, by what the names of their layers have. */
    private static final ImmutableMap<String, String> OTHERS = ImmutableMap.of(
            "double_blocks", "Flux", "single_transformer_blocks", "Flux", "joint_blocks", "Stable Diffusion 3");

    public Families {
        all = List.copyOf(all);
    }

    /** The families registered on the class path: see {@link ModelKind}. */
    public static Families installed() {
        return new Families(ServiceLoader.load(ModelKind.class, Families.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(ModelFamily.class::isInstance)
                .map(ModelFamily.class::cast)
                .toList());
    }

    /**
     * The family of a model.
     *
     * @throws IllegalArgumentException if it is of none of these, naming the classes that are known
     */
    public ModelFamily of(ModelFiles files) throws IOException {
        for (ModelFamily family : all) {
            if (family.recognises(files)) {
                return family;
            }
        }
        Config index = files.json(ModelKind.INDEX);
        throw index.bad("_class_name", "is \"" + index.text("_class_name", "") + "\"; expected one of " + known());
    }

    /**
     * The family whose models have this {@code _class_name}.
     *
     * @throws IllegalArgumentException if none has
     */
    public ModelFamily named(String className) {
        return all.stream()
                .filter(family -> family.classNames().contains(className))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no family of models is called " + className + "; expected one of " + known()));
    }

    /**
     * What to call the models that an adapter was made for: see {@link ModelFamily#adapterOrigin}. Widespread models that are
     * of none of these families are told by their layers' names.
     */
    public Optional<String> adapterOrigin(Map<String, Long> layers) {
        return all.stream()
                .flatMap(family -> family.adapterOrigin(layers).stream())
                .findFirst()
                .or(() -> OTHERS.entrySet().stream()
                        .filter(other -> layers.keySet().stream().anyMatch(name -> name.contains(other.getKey())))
                        .map(Map.Entry::getValue)
                        .findFirst());
    }

    private String known() {
        TreeSet<String> known = new TreeSet<>();
        all.forEach(family -> known.addAll(family.classNames()));
        return String.join(", ", known);
    }

    /** Opens a model of any of these families, which the caller closes: see {@link ModelFamily#open}. */
    public Model open(String name, ModelFiles files, Placement placement) throws IOException {
        return of(files).open(name, files, placement);
    }
}
