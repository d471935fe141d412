package io.manifoldmuon.tests.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;

/** Names, static initialisers, exits, output and randomness. */
final class HouseRules {
  /** Words that say nothing about what a class is for, as whole words of a camel-case name. */
  private static final Pattern EMPTY_NAME =
      Pattern.compile(
          "(.*[a-z0-9])?(Utils?|Utility|Utilities|Common|Helpers?|Managers?)([A-Z].*)?");

  private static final Pattern EMPTY_PACKAGE =
      Pattern.compile("(.*\\.)?(utils?|utilities|common|helpers?|managers?)(\\..*)?");

  /** Classes whose use is input, output, a new thread or native code. */
  private static final Pattern WORK =
      Pattern.compile(
          "java\\.io\\.(File|Random).*|java\\.nio\\.(channels\\..*|file\\.(Files|FileSystems))"
              + "|java\\.net\\..*|java\\.lang\\.(Thread.*|Process.*|Runtime)|java\\.util\\.Timer"
              + "|java\\.util\\.concurrent\\.(Executors|ForkJoinPool|ThreadPoolExecutor)"
              + "|java\\.util\\.ServiceLoader|java\\.lang\\.foreign\\.(Arena|SymbolLookup)"
              + "|org\\.bytedeco\\..*");

  private static final Set<String> WORK_OF_SYSTEM =
      Set.of("load", "loadLibrary", "exit", "getenv", "getProperty", "setProperty");

  private HouseRules() {}

  /** The rules for the packages below {@code root}. */
  static List<ArchRule> rules(String root) {
    String commandLine = root + ".model.cli..";
    return List.of(
        noClasses()
            .should(haveNameMatching("is named after no concept", EMPTY_NAME, EMPTY_PACKAGE))
            .because("one concept, one home, one name")
            .as("no class or package is called util, common, helper or manager"),
        classes()
            .should(startWithoutWork())
            .because("loading a class must not fail, wait or depend on the machine"),
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(root + ".model.cli.Main")
            .should()
            .callMethodWhere(
                calls(
                    "exits", c -> owns(c, System.class, "exit") || owns(c, Runtime.class, "exit")))
            .because("only the entry of the program decides that it ends")
            .as("only model.cli.Main ends the JVM"),
        noClasses()
            .that()
            .resideOutsideOfPackage(commandLine)
            .should()
            .callMethodWhere(calls("halts", c -> owns(c, Runtime.class, "halt")))
            .because("the exit code after a signal is a matter of the command line")
            .as("only model.cli halts a JVM that is ending"),
        noClasses()
            .that()
            .resideOutsideOfPackage(commandLine)
            .should(ACCESS_STANDARD_STREAMS)
            .because("a library returns what it has to say")
            .as("only model.cli writes to the standard streams"),
        noClasses()
            .should()
            .callCodeUnitWhere(calls("draws unseeded numbers", HouseRules::isUnseeded))
            .because("the same seed gives the same run")
            .as("all randomness comes from a seed"));
  }

  private static DescribedPredicate<JavaCall<?>> calls(
      String description, java.util.function.Predicate<JavaCall<?>> predicate) {
    return describe(description, predicate);
  }

  private static boolean owns(JavaCall<?> call, Class<?> owner, String name) {
    return call.getTargetOwner().isEquivalentTo(owner) && call.getName().equals(name);
  }

  private static boolean isUnseeded(JavaCall<?> call) {
    JavaClass owner = call.getTargetOwner();
    boolean noArguments = call.getTarget().getRawParameterTypes().isEmpty();
    return owner.isAssignableTo(java.util.Random.class)
        || owner.isEquivalentTo(ThreadLocalRandom.class)
        || owns(call, Math.class, "random")
        || owns(call, StrictMath.class, "random")
        || owns(call, UUID.class, "randomUUID")
        || (owns(call, SplittableRandom.class, "<init>") && noArguments)
        || owns(call, RandomGenerator.class, "getDefault")
        || owns(call, RandomGenerator.class, "of")
        || (owns(call, RandomGeneratorFactory.class, "create") && noArguments)
        || (owns(call, java.util.Collections.class, "shuffle")
            && call.getTarget().getRawParameterTypes().size() == 1);
  }

  private static ArchCondition<JavaClass> haveNameMatching(
      String description, Pattern simpleName, Pattern packageName) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean matches =
            simpleName.matcher(type.getSimpleName()).matches()
                || packageName.matcher(type.getPackageName()).matches();
        events.add(new SimpleConditionEvent(type, matches, type.getName() + " " + description));
      }
    };
  }

  private static ArchCondition<JavaClass> startWithoutWork() {
    return new ArchCondition<>("do no work in static initialisers") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Optional<? extends JavaCodeUnit> initializer = type.getStaticInitializer().map(i -> i);
        initializer.ifPresent(i -> follow(type, i, new HashSet<>(), events));
      }
    };
  }

  /** Reports each call that is work among those that {@code unit} makes, directly or through us. */
  private static void follow(
      JavaClass initialized, JavaCodeUnit unit, Set<JavaCodeUnit> seen, ConditionEvents events) {
    if (!seen.add(unit)) {
      return;
    }
    for (JavaCall<?> call : unit.getCallsFromSelf()) {
      if (call.isDeclaredInLambda()) {
        continue; // run later, by whoever calls it
      }
      if (isWork(call)) {
        String message =
            "the static initialiser of " + initialized.getName() + ": " + call.getDescription();
        events.add(SimpleConditionEvent.violated(initialized, message));
      }
      call.getTarget()
          .resolveMember()
          .filter(JavaCodeUnit.class::isInstance)
          .map(JavaCodeUnit.class::cast)
          .ifPresent(target -> follow(initialized, target, seen, events));
    }
  }

  private static boolean isWork(JavaCall<?> call) {
    String owner = call.getTargetOwner().getName();
    return WORK.matcher(owner).matches()
        || (owner.equals("java.lang.System") && WORK_OF_SYSTEM.contains(call.getName()));
  }
}
