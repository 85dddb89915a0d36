#!/usr/bin/env python3
"""moto's server with the few calls that Terraform's AWS provider needs and moto 5.2 lacks. Options are moto's own.

A stand-in for tests. Each patch says what goes wrong without it; none is needed in AWS.
"""
import json
import sys


def keep_queue_attributes():
    """RedriveAllowPolicy is taken and never told, so that the provider waits until it gives up; and whoever sets any attribute
    erases the policy of the queue."""
    from moto.sqs.models import Queue

    Queue.BASE_ATTRIBUTES = list(dict.fromkeys([*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]))
    Queue.redrive_allow_policy = None
    set_attributes = Queue._set_attributes

    def keeping(self, attributes, now=None):
        policy = getattr(self, "policy", None)
        set_attributes(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = policy
        for name, attribute in (("RedriveAllowPolicy", "redrive_allow_policy"), ("RedrivePolicy", "redrive_policy")):
            if attributes.get(name) == "":
                setattr(self, attribute, None)

    Queue._set_attributes = keeping


def write_redrive_policies_compactly():
    """AWS writes this JSON without blanks and the provider compares it as text: without it every plan changes every queue."""
    from moto.sqs.models import Queue

    told = Queue.attributes.fget

    def compact(self):
        attributes = told(self)
        policy = attributes.get("RedrivePolicy")
        if isinstance(policy, str):
            attributes["RedrivePolicy"] = json.dumps(json.loads(policy), separators=(",", ":"))
        return attributes

    Queue.attributes = property(compact)


def keep_function_settings():
    """LoggingConfig, DeadLetterConfig and KMSKeyArn are taken and lost: every plan would set them again."""
    from moto.awslambda.models import LambdaFunction

    names = ("LoggingConfig", "DeadLetterConfig", "KMSKeyArn")
    create, tell, update = LambdaFunction.__init__, LambdaFunction.get_configuration, LambdaFunction.update_configuration

    def creating(self, account_id, spec, *more, **named):
        self.kept_settings = {name: spec[name] for name in names if spec.get(name)}
        create(self, account_id, spec, *more, **named)

    def telling(self, on_create=False):
        return {**tell(self, on_create), **self.kept_settings}

    def updating(self, updates):
        self.kept_settings.update({name: updates[name] for name in names if name in updates})
        return update(self, updates)

    LambdaFunction.__init__, LambdaFunction.get_configuration = creating, telling
    LambdaFunction.update_configuration = updating


def keep_recursion_configs():
    """Get- and PutFunctionRecursionConfig are missing: a function could not be allowed to send to its own queue."""
    from moto.awslambda.responses import LambdaResponse
    from moto.awslambda.urls import url_paths

    told = {}

    def put(self):
        told[self.path] = json.loads(self.body)["RecursiveLoop"]
        return json.dumps({"RecursiveLoop": told[self.path]})

    def get(self):
        return json.dumps({"RecursiveLoop": told.get(self.path, "Terminate")})

    LambdaResponse.put_function_recursion_config = put
    LambdaResponse.get_function_recursion_config = get
    url_paths["{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\\w_:%-]+)/recursion-config$"] = LambdaResponse.dispatch


def take_composite_alarms():
    """PutCompositeAlarm is missing, though PutMetricAlarm knows its rule."""
    from moto.cloudwatch.responses import CloudWatchResponse

    CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm


def tell_budgets_subscribers_and_tags():
    """The provider reads the subscribers of each notification and the tags of a budget; moto has neither call."""
    from moto.budgets.responses import BudgetsResponse

    create_budget = BudgetsResponse.create_budget

    def is_same(one, other):
        names = ("NotificationType", "ComparisonOperator", "ThresholdType")
        return all(one.get(name) == other.get(name) for name in names) and float(one["Threshold"]) == float(other["Threshold"])

    def tags_of(self, arn):
        return self.backend.__dict__.setdefault("tags_of_budgets", {}).setdefault(arn, {})

    def create(self):
        answer = create_budget(self)
        name = self._get_param("Budget")["BudgetName"]
        tags = tags_of(self, f"arn:aws:budgets::{self._get_param('AccountId')}:budget/{name}")
        tags.update({tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags", [])})
        return answer

    def subscribers(self):
        budget = self.backend.budgets[self._get_param("AccountId")].get(self._get_param("BudgetName"))
        wanted = self._get_param("Notification")
        found = [known.subscribers for known in budget.notifications if is_same(known.details, wanted)]
        return json.dumps({"Subscribers": found[0] if found else []})

    def tags(self):
        known = tags_of(self, self._get_param("ResourceARN"))
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in known.items()]})

    BudgetsResponse.create_budget = create
    BudgetsResponse.describe_subscribers_for_notification = subscribers
    BudgetsResponse.list_tags_for_resource = tags


PATCHES = (
    keep_queue_attributes,
    write_redrive_policies_compactly,
    keep_function_settings,
    keep_recursion_configs,
    take_composite_alarms,
    tell_budgets_subscribers_and_tags,
)

if __name__ == "__main__":
    for patch in PATCHES:
        patch()
    from moto.server import main

    main(sys.argv[1:])
