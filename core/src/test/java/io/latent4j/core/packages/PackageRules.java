package io.latent4j.core.packages;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import io.latent4j.core.ops.Ops;
import java.util.Map;
import java.util.stream.Collectors;

/** What the packages of every module keep to. */
public final class PackageRules {
    private static final int MOST_CLASSES = 40;
    private static final int LEAST_PACKAGES = 5; // so that a rule that sees no classes does not pass

    private PackageRules() {}

    /** Checks that the packages of {@code module}, {@code "pipeline"} for instance, form no cycle. */
    public static void requireNoCycles(JavaClasses classes, String module) {
        slices().matching("io.latent4j.(" + module + "..)")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    /** Checks that none asks DJL to convert, which ends the process where an array is of bfloat16: see {@link Ops#cast}. */
    public static void requireCasts(JavaClasses classes) {
        noClasses()
                .should()
                .callMethod(NDArray.class, "toType", DataType.class, boolean.class)
                .check(classes);
    }

    /** Checks that no package has more than 40 classes, those inside of others not counted. */
    public static void requireSmall(JavaClasses classes) {
        Map<String, Long> sizes = classes.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(sizes)
                .hasSizeGreaterThanOrEqualTo(LEAST_PACKAGES)
                .allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(MOST_CLASSES));
    }
}
