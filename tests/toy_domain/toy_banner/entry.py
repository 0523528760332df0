"""The worker service's entry in the list of services."""

from services.chassis.service_list import ServiceEntry

ENTRY = ServiceEntry(
    name="banner",
    module="toy_banner",
    task="toy.banner.v1.banner_pb2:BannerTask",
    summary="writes texts on coloured strips",
)
